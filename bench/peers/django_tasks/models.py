from django.db import models


class Task(models.Model):
    user_id = models.IntegerField()
    title = models.TextField()
    description = models.TextField(default="")
    completed = models.BooleanField(default=False)
    priority = models.TextField(default="medium")
    due_date = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        db_table = "task"
        managed = False

    def __str__(self):
        return self.title
